/** Everybody in the journeys, with the password they sign in with. */
export const people = {
  admin: { email: "admin@platform.example", password: "admin-password-1" },
  engineer: { email: "engineer@platform.example", password: "engineer-password-1" },
  /** Releases at the shared tiers, and brings back what was recalled: the administrator does neither by being one. */
  reviewer: { email: "reviewer@platform.example", password: "reviewer-password-1" },
  northbankAdmin: { email: "admin@northbank.example", password: "northbank-admin-1" },
  northbankMember: { email: "member@northbank.example", password: "northbank-member-1" },
  northbankReviewer: { email: "reviewer@northbank.example", password: "northbank-reviewer-1" },
  eastcapAdmin: { email: "admin@eastcap.example", password: "eastcap-admin-1" },
  leavingAdmin: { email: "admin@leavingbank.example", password: "leaving-bank-admin-1" },
  eastcapMember: { email: "member@eastcap.example", password: "eastcap-member-1" },
} as const;
export type Person = keyof typeof people;
