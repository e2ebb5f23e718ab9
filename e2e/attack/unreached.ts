/** Routes that no probe gets past the door of, and why that is as it should be. A test holds the list: what is reached is taken off it. */
export const unreached: Readonly<Record<string, string>> = {
  runsEvents: "a run's token opens its own run only, and what is sent there names nothing else",
  sessionPasskeyOptions: "takes nothing, and asks everybody the same question",
  sessionJoin: "is for sessions alone, and attackers speak with tokens; session-families.test.ts attacks it",
  sessionGoOver: "is for sessions alone, and attackers speak with tokens; session-families.test.ts attacks it",
  sessionEndSession: "is for sessions alone, and attackers speak with tokens; session-families.test.ts attacks it",
  garbageLook: "needs the scope admin, which no role of an institution gives",
  garbageCollect: "needs the scope admin, which no role of an institution gives",
  garbageList: "needs the scope admin, which no role of an institution gives",
  garbageGet: "needs the scope admin, which no role of an institution gives",
  secretKeyGet: "needs the scope admin, which no role of an institution gives",
};
