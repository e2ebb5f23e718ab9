/** Routes that no probe gets past the door of, and why that is as it should be. A test holds the list: what is reached is taken off it. */
export const unreached: Readonly<Record<string, string>> = {
  sessionLogout: "names nothing; it ends the caller's own session",
  sessionChangePassword: "names nothing; it takes the caller's own secret",
  tokensCreate: "names nothing; it makes a token of the caller's own",
  runsEvents: "a run's token opens its own run only, and what is sent there names nothing else",
  cleanUpsPreview: "names a rule, and rules are everybody's",
  garbageLook: "needs the scope admin, which no role of an institution gives",
  garbageCollect: "needs the scope admin, which no role of an institution gives",
  garbageList: "needs the scope admin, which no role of an institution gives",
  garbageGet: "needs the scope admin, which no role of an institution gives",
};
