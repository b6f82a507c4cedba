"""Speed and recall of whole runs, on corpora of known truth; README.md beside this file says how to measure them."""
