"""Set-up, engines, processes and the command line."""

import warnings

# nameko stands on eventlet, whose advice to leave it is for us (DECISIONS 7) and not for who types a command.
warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")
