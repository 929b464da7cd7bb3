"""Parts to verdicts: by the column plan, case by case, on Spark; and the sampled check."""
