"""What can go wrong with a local cloud, each with a text for the person who started it."""


class LocalCloudError(Exception):
    """The local cloud cannot do what was asked; the message says why and what would help."""

    code = "local-cloud"


class NotRunningError(LocalCloudError):
    """There is no local cloud in this folder."""

    code = "local-cloud-not-running"


class UnknownFunctionError(LocalCloudError):
    """No function has this name; the message names those there are."""

    code = "local-cloud-function"


class StartError(LocalCloudError):
    """A process of the local cloud did not come up."""

    code = "local-cloud-start"


class DeploymentError(LocalCloudError):
    """A stack could not be deployed; the message holds the reasons that CloudFormation gave."""

    code = "local-cloud-deployment"


class BrokenCodeError(LocalCloudError):
    """The code cannot be read as Python, so no function can run it; the message says where."""

    code = "local-cloud-broken-code"
