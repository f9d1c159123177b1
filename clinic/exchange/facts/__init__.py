"""What outside files say, in the house's words.

A fact here is a claim of the file it came from. Nothing of it has been believed, matched with a
chart or stored; an order in particular never starts a dose by itself.
"""
