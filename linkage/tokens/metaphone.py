"""Double Metaphone: how a name may sound, as one or two short codes (L. Philips, 2000).

A standard name (capital letters) goes in; (primary, alternate) come out, equal when there is one
pronunciation. The algorithm is a table of rules per letter: the first rule whose pattern matches
at the letter gives its sounds and says how many letters it takes.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple


class Rule(NamedTuple):
    """What is spoken where `pattern` matches; `kind` limits the rule to names of one kind."""

    pattern: str
    primary: str
    alternate: str
    taken: int
    kind: str = "any"


class Letter(NamedTuple):
    """The rules of one letter in one kind of name; group n of the pattern is the n-th rule, of which `sounds` tells."""

    match: Callable[[str, int], re.Match[str] | None]
    sounds: tuple[tuple[str, str, int], ...]


_TABLE = """
B        BB                                                        P  P  2
B        B                                                         P  P  1
C        (?<=[^AEIOUY]A)CH(?![IE])                                 K  K  2
C        (?<=BA|MA)CHER                                            K  K  2
C        ^CAESAR                                                   S  S  2
C        CHIA                                                      K  K  2
C        (?<=.)CHAE                                                K  X  2
C        ^C(?:HARAC|HARIS|HOR(?!E)|HYM|HIA|HEM)                    K  K  2
C        CH                                                        K  K  2  sch
C        (?<=OR)CH(?:ES|ID)                                        K  K  2
C        (?<=AR)CHIT                                               K  K  2
C        CH[TS]                                                    K  K  2
C        (?:^|(?<=[AOUE]))CH(?:[LRNMBHFVW]|$)                      K  K  2
C        (?<=^M)CH                                                 K  K  2
C        (?<=.)CH                                                  X  K  2
C        CH                                                        X  X  2
C        (?<!WI)CZ                                                 S  X  2
C        CCIA                                                      X  X  3
C        (?<=^A)CC(?:[IE]|H(?!U))                                  KS KS 3
C        (?<=U)CCE[ES]                                             KS KS 3
C        (?<!^M)CC(?:[IE]|H(?!U))                                  X  X  3
C        (?<!^M)CC                                                 K  K  2
C        C[KGQ]                                                    K  K  2
C        CI[OEA]                                                   S  X  2
C        C[IEY]                                                    S  S  2
C        C(?:[KQ]|C(?![EI]))                                       K  K  2
C        C                                                         K  K  1
D        DG[IEY]                                                   J  J  3
D        DG                                                        TK TK 2
D        D[DT]                                                     T  T  2
D        D                                                         T  T  1
F        FF                                                        F  F  2
F        F                                                         F  F  1
G        (?<=[^AEIOUY])GH                                          K  K  2
G        ^GHI                                                      J  J  2
G        ^GH                                                       K  K  2
G        (?:(?<=[BHD].)|(?<=[BHD]..)|(?<=[BH]...))GH               -  -  2
G        (?<=[CGLRT].U)GH                                          F  F  2
G        (?<=[^I])GH                                               K  K  2
G        GH                                                        -  -  2
G        (?<=^[AEIOUY])GN                                          KN N  2  plain
G        GN(?!EY|Y)                                                N  KN 2  plain
G        GN                                                        KN KN 2
G        GLI                                                       KL L  2  plain
G        ^G(?:Y|E[SPBLYIR]|I[BLNE])                                K  J  2
G        (?<![EI])(?<!DAN)(?<!RAN)(?<!MAN)GER                      K  J  2
G        (?<![EIRO])GY                                             K  J  2
G        ^(?:D|R|M)ANGER                                           J  K  2
G        GET                                                       K  K  2
G        GIER$                                                     J  J  2
G        G[EIY]                                                    K  K  2  sch
G        G[EIY]                                                    J  K  2
G        (?<=[AO])GGI                                              J  K  2
G        GG                                                        K  K  2
G        G                                                         K  K  1
H        (?:^|(?<=[AEIOUY]))H(?=[AEIOUY])                          H  H  2
H        H                                                         -  -  1
J        ^JOSE$                                                    H  H  1
J        ^JOSE                                                     J  H  1
J        ^J                                                        J  A  1
J        (?<=[AEIOUY])J[AO]                                        J  H  1  plain
J        JJ                                                        J  J  2
J        J$                                                        J  -  1
J        (?<![SKL])J(?![LTKSNMBZ])                                 J  J  1
J        J                                                         -  -  1
K        KK                                                        K  K  2
K        K                                                         K  K  1
L        (?<=I)LL[OA]$                                             L  -  2
L        (?<=A)LLE$                                                L  -  2
L        (?<=A)LLE(?:.*[AO]S?)$                                    L  -  2
L        LL                                                        L  L  2
L        L                                                         L  L  1
M        (?<=U)MB(?:$|ER)                                          M  M  2
M        MM                                                        M  M  2
M        M                                                         M  M  1
N        NN                                                        N  N  2
N        N                                                         N  N  1
P        PH                                                        F  F  2
P        P[PB]                                                     P  P  2
P        P                                                         P  P  1
Q        QQ                                                        K  K  2
Q        Q                                                         K  K  1
R        (?<!M[EA]IE)(?<=IE)R$                                     -  R  1  plain
R        RR                                                        R  R  2
R        R                                                         R  R  1
S        (?<=[IY])SL                                               -  -  1
S        ^SUGAR                                                    X  S  1
S        SH(?:EIM|OEK|OLM|OLZ)                                     S  S  2
S        SH                                                        X  X  2
S        SI[OA]                                                    S  X  3  plain
S        SI[OA]                                                    S  S  3
S        ^S[MNLW]                                                  S  X  1
S        SZ                                                        S  X  2
S        SCHE[RN]                                                  X  SK 3
S        SCH(?:OO|UY|E[DM])                                        SK SK 3
S        ^SCH[^AEIOUYW]                                            X  S  3
S        SCH                                                       X  X  3
S        SC[IEY]                                                   S  S  3
S        SC                                                        SK SK 3
S        (?<=[AO]I)S$                                              -  S  1
S        SS                                                        S  S  2
S        S                                                         S  S  1
T        TI(?:ON|A)                                                X  X  3
T        TCH                                                       X  X  3
T        TH(?:OM|AM)                                               T  T  2
T        TT?H                                                      T  T  2  sch
T        TT?H                                                      0  T  2
T        T[TD]                                                     T  T  2
T        T                                                         T  T  1
V        VV                                                        F  F  2
V        V                                                         F  F  1
W        WR                                                        R  R  2
W        ^W[AEIOUY]                                                A  F  1
W        ^WH                                                       A  A  1
W        (?<=[AEIOUY])W$                                           -  F  1
W        (?<=[EO])WSK[IY]                                          -  F  1
W        W(?!I[CT]Z)                                               -  F  1  sch
W        WI[CT]Z                                                   TS FX 4
W        W                                                         -  -  1
X        ^X                                                        S  S  1
X        (?:(?<=[IE]AU)|(?<=[AO]U))X$                              -  -  1
X        X[CX]                                                     KS KS 2
X        X                                                         KS KS 1
Z        ZH                                                        J  J  2
Z        ZZ?(?=[OIA])                                              S  TS 1
Z        (?<=[^T])Z                                                S  TS 1  slavic
Z        ZZ                                                        S  S  2
Z        Z                                                         S  S  1
"""


def _read(table: str) -> dict[str, tuple[Rule, ...]]:
    rules: dict[str, list[Rule]] = {}
    for line in table.strip().splitlines():
        letter, pattern, primary, alternate, taken, *kind = line.split()
        spoken, other = ("" if sound == "-" else sound for sound in (primary, alternate))
        rules.setdefault(letter, []).append(Rule(pattern, spoken, other, int(taken), *kind))
    return {letter: tuple(listed) for letter, listed in rules.items()}


_RULES = _read(_TABLE)
_SILENT_STARTS = ("GN", "KN", "PN", "WR", "PS")
_SLAVIC = re.compile("W|K|CZ|WITZ")
_NOT_A_LETTER = re.compile("[^A-Z]")


@cache
def _letters(slavic: bool, sch: bool) -> dict[str, Letter]:
    """The letters of one kind of name, each with its rules in one pattern."""
    kinds = {"any", "slavic" if slavic else "plain", *(("sch",) if sch else ())}
    found = {}
    for letter, listed in _RULES.items():
        rules = [rule for rule in listed if rule.kind in kinds]
        pattern = re.compile("|".join(f"({rule.pattern})" for rule in rules))
        # Groups are numbered from 1, and one of them always matches where the pattern does.
        sounds = (("", "", 1), *((rule.primary, rule.alternate, rule.taken) for rule in rules))
        found[letter] = Letter(pattern.match, sounds)
    return found


def double_metaphone(name: str) -> tuple[str, str]:
    """The primary and alternate codes of a standard name, at full length."""
    letters = name if name.isascii() and name.isalpha() else _NOT_A_LETTER.sub("", name)
    rules = _letters(_SLAVIC.search(letters) is not None, letters.startswith("SCH"))
    primary = alternate = ""
    at = 1 if letters.startswith(_SILENT_STARTS) else 0
    while at < len(letters):
        letter = rules.get(letters[at])
        found = letter.match(letters, at) if letter else None
        if letter is not None and found is not None:
            spoken, other, taken = letter.sounds[found.lastindex or 0]
            primary, alternate, at = primary + spoken, alternate + other, at + taken
            continue
        # What is left is a vowel: spoken only where it begins the name.
        if at == 0:
            primary = alternate = "A"
        at += 1
    return primary, alternate
