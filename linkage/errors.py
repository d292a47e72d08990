"""The few named errors of record linkage. A message names a column or a rule, never a value."""


class LinkageError(Exception):
    """Something in linkage that has to be put right by a person."""


class LinkageKeyInvalid(LinkageError):
    """The linkage secret is not 32 bytes."""


class IdentifiersInvalid(LinkageError):
    """A frame of identifiers has an unknown column or a column of the wrong type."""


class TokensInvalid(LinkageError):
    """A frame of tokens lacks a required column, repeats a record, or has a wrong type."""


class SettingsInvalid(LinkageError):
    """A linkage parameter lies outside its range or is unknown."""


class ModelUntrained(LinkageError):
    """Some levels of the model could not be trained on these records."""


class LinkageFailed(LinkageError):
    """The linkage engine failed; its own message is withheld because it may quote tokens."""


class EngineMissing(LinkageError):
    """The linkage engine asked for is not installed; the message says what to install."""


class EvaluationInvalid(LinkageError):
    """Predicted and true groups cannot be compared as given."""


class FramesInvalid(LinkageError):
    """Frames of identifiers, or what their columns are said to be, cannot be linked as given."""


class FileUnreadable(LinkageError):
    """A file is not what a command needs; its content is never quoted."""


class OprfMissing(LinkageError):
    """The extra for oblivious tokens is not installed."""


class OprfRefused(LinkageError):
    """What came in an exchange of oblivious tokens is not what the protocol allows."""


class TokensForeign(LinkageError):
    """A token frame that somebody else made is not one that our keys and our form give.

    `rule` names what does not hold, `column` the column or role it was found in.
    """

    def __init__(self, rule: str, column: str) -> None:
        super().__init__(f"{rule} in {column}")
        self.rule = rule
        self.column = column


class ReviewInvalid(LinkageError):
    """A verdict is about no pair of the sample, or what was kept is not a sample."""


class LinksOutdated(LinkageError):
    """The links of the last run cannot be carried on; the message says why. A full run can be made."""
