"""The ranking service: cohort, result, notice, objections, certificates, exhibition."""
