import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { BegunTrip, LoginAnswer, type LoginRequest, LogoutAnswer, Me, paths, type Role, type SignedByPasskey } from "@ziggurat/contracts";
import { createContext, useContext } from "react";
import { api } from "./api-client.js";
import { ApiProblem } from "./api-problem.js";

/** Who is signed in; null when nobody is. A reloaded page learns its CSRF token here. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      const me = await api.get(paths.me(), Me, { signal });
      api.csrfToken = me.csrfToken;
      return me;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
});

export async function signIn(request: LoginRequest): Promise<void> {
  const answer = await api.send("POST", paths.login(), request, LoginAnswer);
  api.csrfToken = answer.csrfToken;
}

export async function signInByPasskey(passkey: SignedByPasskey): Promise<void> {
  api.csrfToken = (await api.send("POST", paths.passkeySignIn(), { passkey }, LoginAnswer)).csrfToken;
}

/** A provider at which one may sign out as well. */
export type SignOutOffer = LogoutAnswer["provider"];
const OFFER = ["sign-out offer"];

/**
 * Ends the session, and forgets all that was read in it; one that has ended already is signed out of. The sign-in page then offers to go on
 * where the person came from.
 */
export async function signOut(queryClient: QueryClient): Promise<void> {
  const answer = await api.send("POST", paths.logout(), undefined, LogoutAnswer.nullable()).catch((error: unknown) => {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  });
  api.forget();
  tellOtherTabs();
  forgetAll(queryClient);
  if (answer !== null) queryClient.setQueryData(OFFER, answer.provider);
  queryClient.setQueryData(meQuery.queryKey, null);
}

/** Nothing that was read stays. Who is signed in is not removed but set, or pages that look at it would not learn of it. */
function forgetAll(queryClient: QueryClient): void {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
}

/** Where one may go on to sign out; null where nobody has just signed out here. */
export function signOutOffer(queryClient: QueryClient): SignOutOffer | null {
  return queryClient.getQueryData<SignOutOffer>(OFFER) ?? null;
}

/** Signs in to another institution beside this one, and goes over to it. The page begins anew there: nothing of here is kept. */
export async function joinInstitution(request: LoginRequest): Promise<void> {
  await api.send("POST", paths.joinSession(), request, LoginAnswer);
  tellOtherTabs();
  beginAnew();
}

/** The same by a passkey of the account there. */
export async function joinByPasskey(passkey: SignedByPasskey): Promise<void> {
  await api.send("POST", paths.joinByPasskey(), { passkey }, LoginAnswer);
  tellOtherTabs();
  beginAnew();
}

/** The same through a provider of that institution: the browser leaves, and comes back as somebody there. @param me who leaves */
export async function joinThroughProvider(providerId: string, me: Pick<Me, "id">): Promise<void> {
  const { url } = await api.send("POST", paths.joinThroughProvider(), { providerId }, BegunTrip);
  noteDeparture(me.id);
  window.location.assign(url);
}

/** Goes over to an institution that this browser holds open. */
export async function switchInstitution(institution: string): Promise<void> {
  await api.send("POST", paths.switchInstitution(), { institution }, LoginAnswer);
  tellOtherTabs();
  beginAnew();
}

/** The cookie is one for all tabs: the others still show the institution that was left. */
const CHANNEL = "ziggurat-session";

function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
}

/** Calls back when another tab signed out, or went over to another institution. */
export function whenSessionChanges(changed: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = changed;
  return () => channel.close();
}

/** In this tab alone: who it belonged to when it left for a provider. */
const DEPARTED = "ziggurat.departed";

function noteDeparture(userId: string): void {
  try {
    sessionStorage.setItem(DEPARTED, userId);
  } catch {
    // Storage that is switched off: the other tabs find out when they look who they belong to.
    return;
  }
}

/** Where this tab comes back from a provider as somebody else, the other tabs are told. */
export function announceArrival({ id }: Pick<Me, "id">): void {
  try {
    const departed = sessionStorage.getItem(DEPARTED);
    sessionStorage.removeItem(DEPARTED);
    if (departed !== null && departed !== id) tellOtherTabs();
  } catch {
    return;
  }
}

function beginAnew(): void {
  window.location.assign("/");
}

/** The signed-in person as the shell last knew them: a page that is about to leave still has somebody to show. */
export const MeContext = createContext<Me | null>(null);

/** The signed-in person, below the shell, which renders nothing without one. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is used below the signed-in shell only");
  return me;
}

export function hasRole(me: Me, ...roles: readonly Role[]): boolean {
  return me.roles.some((role) => roles.includes(role));
}
