"""``python -m contexture_lite.claims`` prints the ledger, measured anew."""

from contexture_lite._text import said
from contexture_lite.claims import ledger_table

if __name__ == "__main__":
    print(said(ledger_table()))
