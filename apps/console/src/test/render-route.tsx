import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { Providers } from "../app/providers.js";
import { createConsoleRouter } from "../app/router.js";
import { createQueryClient } from "../lib/query-client.js";
import { meQuery } from "../lib/session.js";

/** The whole console at an address, against the network of `server.ts`. */
export function renderRoute(path: string) {
  const queryClient = createQueryClient(() => queryClient.setQueryData(meQuery.queryKey, null));
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createConsoleRouter(history);
  render(
    <Providers queryClient={queryClient} env="test">
      <RouterProvider router={router} />
    </Providers>,
  );
  return { router, queryClient, address: () => history.location.href };
}
