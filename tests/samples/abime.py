"""Right messages spoilt at random, as fuzzing tests send them: bytes edited, nodes of a tree moved, doubled, renamed, emptied."""

from __future__ import annotations

import random
from collections.abc import Sequence

from lxml import etree


def spoilt(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    """The bytes with one to six random edits, some of which put in a token."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(changed) + 1)
        match draw.randrange(6):
            case 0:
                changed[at:at] = draw.choice(tokens)
            case 1:
                del changed[at : at + draw.randint(1, 60)]
            case 2 if at < len(changed):
                changed[at] ^= 1 << draw.randrange(8)
            case 3:
                changed[at:at] = changed[at : at + draw.randint(1, 300)]
            case 4:
                other = draw.randrange(len(changed) + 1)
                changed[at : at + 40] = changed[other : other + 40]
            case _:
                del changed[at if draw.random() < 0.2 else len(changed) :]
    return bytes(changed)


def regrafted(data: bytes, draw: random.Random, texts: Sequence[str]) -> bytes:
    """The XML with one to four changes of its tree; values are replaced by some of ``texts``."""
    root = etree.fromstring(data)
    for _ in range(draw.randint(1, 4)):
        nodes = [node for node in root.iter() if isinstance(node.tag, str) and node is not root]
        if not nodes:
            break
        node, other = draw.choice(nodes), draw.choice(nodes)
        parent = node.getparent()
        assert parent is not None
        match draw.randrange(8):
            case 0:
                parent.remove(node)
            case 1:
                other.append(etree.fromstring(etree.tostring(node, with_tail=False)))
            case 2 if other not in list(node.iter()):
                other.append(node)
            case 3:
                node.tag = draw.choice((other.tag, "{urn:autre}x", etree.QName(node).localname))
            case 4:
                del node[:]
            case 5:
                node.text = draw.choice(texts)
            case 6 if node.attrib:
                node.set(draw.choice(sorted(node.attrib)), draw.choice(texts))
            case _:
                for name in list(node.attrib):
                    del node.attrib[name]
    return etree.tostring(root)
