"""dui-conformance: rehearse the Ségur « Vague 2 » exchanges of a DUI, offline, with evidence."""
