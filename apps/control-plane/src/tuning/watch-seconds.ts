/** Seconds between two looks at a run that its engine says is running. */
export const WATCH_SECONDS = 5;
