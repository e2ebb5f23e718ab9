import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "../lib/console-paths.js";
import { meQuery, signOut } from "../lib/session.js";

/** Signs out and leads to the sign-in page. While it fails one is still signed in, and is told so. */
export function useSignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, null);
      await navigate({ to: to.login() });
    },
  });
}
