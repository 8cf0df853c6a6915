"""Negation: whether a word that was found is denied where it stands ("no cracks", "has no scratches or dents")."""

from __future__ import annotations

from features.words.phrases import Tokens

_DENIALS = frozenset(
    "no not non never without w/o zero isn't isnt wasn't doesn't doesnt don't dont didn't hasn't hasnt haven't aren't "
    "cannot nothing none neither nor nicht kein keine ohne sans".split()
)
# What may stand between a denial and what it denies; anything else ("no charger, cracked") ends its reach.
_CARRIERS = frozenset(
    "a an any the of or and nor have has had having been be at all visible major minor big deep noticeable obvious "
    "single sign signs marks mark wear tear scratch scratches scratched scuff scuffs crack cracks cracked chip chips "
    "chipped dent dents dented ding dings rust stain stains stained tears rip rips hole holes dead burn smell pets "
    "smoke issues problems defects defect flaws in screen like perfectly & /".split()
)
_FREE = "free"
_REACH = 6


def negated(tokens: Tokens, first: int, last: int) -> int | None:
    """The place where the denial of tokens [first, last) begins, None where nothing denies them.

    A phrase that itself begins with a denial ("not working", "never used") is not read as its own denial; "rust free"
    denies from behind.
    """
    words = tokens.word
    behind = [word for word in words[last : last + 2] if word != "-"]
    if behind and behind[0] == _FREE:
        return first
    place = first - 1
    while place >= 0 and first - place <= _REACH:
        word = words[place]
        if word in _DENIALS:
            return place
        if word == "o" and place >= 2 and words[place - 2 : place] == ["w", "/"]:
            return place - 2
        if word == "-" and place == first - 1 and place and words[place - 1] in ("non", "not"):
            return place - 1
        if word not in _CARRIERS:
            return None
        place -= 1
    return None
