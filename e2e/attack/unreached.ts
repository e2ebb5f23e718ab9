/** Routes that no probe gets past the door of, and why that is as it should be. */
export const unreached: Readonly<Record<string, string>> = {};
