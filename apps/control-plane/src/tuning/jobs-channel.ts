/** Notification channel that carries the id of a job with new events. */
export const JOBS_CHANNEL = "ziggurat_jobs";
