"""Listings that are one offer: relistings, copies, cross-posts, one photo. Of each only the newest stays.

Candidates are of one question and one kind of price (asking, or sold). What belongs together by a chain of such links
is one offer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from features.photo import Look
from features.photo.neighbours import same_photo

# A photo that more sellers than this show is the maker's own, and says nothing of whose offer it is.
_OWN_PHOTO = 3
# Shorter wordings ("iphone 13 128gb") are said by strangers too.
_TELLING_WORDS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing as it was last seen by the day asked about.

    `words` is its title without what says its condition, `photo` whatever is equal for equal pictures (an image's
    address) or None, `look` what the picture looks like; `price` with its currency, as text.
    """

    listing: str
    source: str
    seller: str
    words: str
    product: str
    category: str
    grade: str
    region: str
    price: str
    day: int
    alike: float
    photo: str | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer: the place of the candidate that stands for it, and (place, why) of those that it stands for."""

    stands: int
    others: tuple[tuple[int, str], ...]


def offers(candidates: Sequence[Candidate]) -> list[Offer]:
    """The candidates as offers, in the order of those that stand for them.

    The newest stands for the rest, of equally new ones the most alike, then the first by its id. Why another belongs
    to it: "relisting" (its seller had it up before), "copy" (its seller has it up twice), "photo", "cross-post".
    """
    head = list(range(len(candidates)))

    def find(place: int) -> int:
        while head[place] != place:
            head[place] = head[head[place]]
            place = head[place]
        return place

    across: dict[int, str] = {}
    for said, groups in _links(candidates):
        for group in groups:
            for other in group[1:]:
                head[find(other)] = find(group[0])
            if said != "relisting":
                across.update(dict.fromkeys(group, said))
    members: dict[int, list[int]] = {}
    for place in range(len(candidates)):
        members.setdefault(find(place), []).append(place)
    out = [_offer(candidates, group, across) for group in members.values()]
    return sorted(out, key=lambda each: each.stands)


def _offer(candidates: Sequence[Candidate], group: list[int], across: dict[int, str]) -> Offer:
    first, *rest = sorted(group, key=lambda place: (-candidates[place].day, -candidates[place].alike, place))
    newest = candidates[first]
    # What links two sellers' listings; the rest of such a group hangs on that link too.
    strange = next((across[place] for place in group if place in across), "relisting")
    told = []
    for place in rest:
        each = candidates[place]
        # One seller's listings of one day stand side by side; else one followed the other.
        own = "copy" if each.day == newest.day and each.listing != newest.listing else "relisting"
        told.append((place, own if each.seller == newest.seller else across.get(place, strange)))
    return Offer(first, tuple(told))


def _links(candidates: Sequence[Candidate]) -> Iterator[tuple[str, list[list[int]]]]:
    """Groups of places that belong together, by the reason, the surest first."""
    places = range(len(candidates))
    yield "relisting", _groups((candidates[place].listing, place) for place in places)
    yield "relisting", _groups(((each.seller, each.words), place) for place, each in enumerate(candidates))
    same_thing = (((each.seller, each.product, each.grade), place) for place, each in enumerate(candidates))
    yield "relisting", _groups(same_thing)
    shown = [(each.photo, place) for place, each in enumerate(candidates) if each.photo]
    yield "photo", _photos(candidates, shown)
    yield "photo", _photos(candidates, _looks(candidates))
    told = ((place, each) for place, each in enumerate(candidates) if len(each.words.split()) >= _TELLING_WORDS)
    posts = _groups(((each.words, each.price, each.grade, each.region), place) for place, each in told)
    # The same words at the same price in the same place, on two markets: within one they are two sellers'.
    yield "cross-post", [one for group in posts for one in _of_two_sources(candidates, group)]


def _looks(candidates: Sequence[Candidate]) -> Iterator[tuple[Hashable, int]]:
    """Places with what names their photo: photos that look alike have one name, whatever their addresses."""
    seen = [(place, each.look) for place, each in enumerate(candidates) if each.look is not None]
    heads = same_photo([look for _, look in seen])
    yield from zip(heads, (place for place, _ in seen), strict=True)


def _photos(candidates: Sequence[Candidate], shown: Iterable[tuple[Hashable, int]]) -> list[list[int]]:
    shown = list(shown)
    sellers = Counter(photo for photo, _ in {(photo, candidates[place].seller) for photo, place in shown})
    # A thing and its accessory may be on one photo.
    own = (((photo, candidates[place].category), place) for photo, place in shown if sellers[photo] <= _OWN_PHOTO)
    return _groups(own)


def _of_two_sources(candidates: Sequence[Candidate], group: list[int]) -> Iterator[list[int]]:
    """Pairs of a group that are on different sources, each listing in one pair only."""
    by_source: dict[str, list[int]] = {}
    for place in sorted(group, key=lambda place: (candidates[place].listing, place)):
        by_source.setdefault(candidates[place].source, []).append(place)
    if len(by_source) > 1:
        for row in zip(*by_source.values(), strict=False):
            yield list(row)


def _groups(keyed: Iterator[tuple[Hashable, int]]) -> list[list[int]]:
    out: dict[Hashable, list[int]] = {}
    for key, place in keyed:
        out.setdefault(key, []).append(place)
    return [group for group in out.values() if len(group) > 1]
