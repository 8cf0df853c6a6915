"""What members own: registered things and what there is to tell their owners."""
