"""What every part of the room stands on: ids, users, the audit log, headers and limits, the look."""
