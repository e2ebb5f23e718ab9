"""Present in the real program too; the cluster's health check imports it."""
