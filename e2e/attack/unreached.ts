/** Routes that no probe gets past the door of, and why that is as it should be. A test holds the list: what is reached is taken off it. */
export const unreached: Readonly<Record<string, string>> = {
  runsEvents: "a run's token opens its own run only, and what is sent there names nothing else",
  sessionPasskeyOptions: "takes nothing, and asks everybody the same question",
  devicesRequest: "takes a name and scopes of whoever asks, and looks nothing up",
  sessionSessions: "takes nothing, and answers a session alone; session-families.test.ts attacks it",
  sessionJoinByPasskey:
    "is for sessions alone, which sessions.ts bends, and looks up what an authenticator signed; passkeys.test.ts sends others'",
  statementsGet: "a month names nobody: whose statement it is comes from who asks; statements.test.ts asks as others",
  statementsExport: "a month names nobody: whose statement it is comes from who asks; statements.test.ts asks as others",
  statementsPreview: "is for the platform's administrators alone; statements.test.ts asks as others",
  statementsClose: "is for the platform's administrators alone; statements.test.ts asks as others",
  schedulingPolicy: "is for the platform's people alone, and takes nothing; scheduling.test.ts asks as others",
  schedulingSetPolicy: "is for the platform's administrators alone; scheduling.test.ts asks as others",
  erasureCertificatesGet: "opened by a secret of 40 characters that no list has; erasure.test.ts tries others",
  garbageLook: "needs the scope admin, which no role of an institution gives",
  garbageCollect: "needs the scope admin, which no role of an institution gives",
  garbageList: "needs the scope admin, which no role of an institution gives",
  garbageGet: "needs the scope admin, which no role of an institution gives",
  secretKeyGet: "needs the scope admin, which no role of an institution gives",
};
