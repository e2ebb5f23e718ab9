import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import { createQueryClient } from "../lib/query-client.js";
import { meQuery } from "../lib/session.js";
import { Providers } from "./providers.js";
import { createConsoleRouter } from "./router.js";

export function App() {
  const { queryClient, router } = useMemo(() => {
    const client = createQueryClient(() => client.setQueryData(meQuery.queryKey, null));
    return { queryClient: client, router: createConsoleRouter() };
  }, []);
  return (
    <Providers queryClient={queryClient}>
      <RouterProvider router={router} />
    </Providers>
  );
}
