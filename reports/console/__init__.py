"""The live console: a local page where a tester sees a campaign as it goes, does what is asked, and says how it went."""
