"""What every channel is and does: all that a channel's folder imports from the house.

A channel turns one network's wire format into these values and back. It is told everything it needs
(`Connection`) and keeps nothing: no tables, no clock, no threads of its own.

    incoming      what a network tells us: Inbound, Echo, Edited, Deleted, …, each a Happening; Raw bytes
    outgoing      what we do there: Outbound words and Acts
    capabilities  what the network allows
    account       how it is connected, what it may do, how fast; Request and Answer at the door
    network       Channel: the methods of a channel
    failures      ChannelError and Unreadable
    wire          Api: how a channel calls its network
    lines         open_socket: a line that stays open, for Channel.stream
    signing       proofs; counting: lengths; loose: reading what may be anything
"""

from netcenter.channels.contract import counting, loose, signing
from netcenter.channels.contract.account import (
    Answer,
    Bucket,
    Budget,
    Check,
    Connection,
    Consent,
    Field,
    Grant,
    Granted,
    Request,
    Right,
    Step,
    Unlimited,
    checks_of,
)
from netcenter.channels.contract.capabilities import Capabilities, Limit
from netcenter.channels.contract.failures import ChannelError, Reason, Unreadable
from netcenter.channels.contract.incoming import (
    Attachment,
    Author,
    By,
    Called,
    Count,
    Deleted,
    Echo,
    Edited,
    Form,
    Forward,
    Happening,
    Held,
    Hidden,
    Inbound,
    Opened,
    Place,
    Pointer,
    Polled,
    Post,
    Raw,
    Reach,
    Reached,
    Reaction,
    Receipt,
    Reconciled,
    Review,
    ThreadRef,
    Trouble,
)
from netcenter.channels.contract.lines import Socket, open_socket
from netcenter.channels.contract.network import Accept, Channel, Knows, Listener
from netcenter.channels.contract.outgoing import Act, Choice, Doubt, Outbound, Template, Unsettled, Verb, Way
from netcenter.channels.contract.wire import Answered, Api, Part, failure_of, multipart, retry_at

__all__ = [
    "Accept", "Act", "Answer", "Answered", "Api", "Attachment", "Author", "Bucket", "Budget", "By", "Called",
    "Capabilities", "Channel", "ChannelError", "Check", "Choice", "Connection", "Consent", "Count", "Deleted",
    "Doubt", "Echo", "Edited", "Field", "Form", "Forward", "Grant", "Granted", "Happening", "Held", "Hidden",
    "Inbound", "Knows", "Limit", "Listener", "Opened", "Outbound", "Part", "Place", "Pointer", "Polled", "Post",
    "Raw", "Reach", "Reached", "Reaction", "Reason", "Receipt", "Reconciled", "Request", "Review", "Right", "Socket",
    "Step", "Template", "ThreadRef", "Trouble", "Unlimited", "Unreadable", "Unsettled", "Verb", "Way", "checks_of",
    "counting", "failure_of", "loose", "multipart", "open_socket", "retry_at", "signing",
]  # fmt: skip
