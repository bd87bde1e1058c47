"""Score: puts the scores of a day into the table of scores, and the newest ones at a fixed place."""
