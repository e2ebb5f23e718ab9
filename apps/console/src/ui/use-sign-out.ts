import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "../lib/console-paths.js";
import { signOut } from "../lib/session.js";

/** Signs out and leads to the sign-in page. While it fails one is still signed in, and is told so. */
export function useSignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => signOut(queryClient),
    onSuccess: () => navigate({ to: to.login() }),
  });
}
