import { MantineProvider } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { cspNonce } from "../lib/csp-nonce.js";
import { themeChoice } from "../lib/theme-choice.js";
import { theme, themeVariables } from "../ui/theme.js";

interface ProvidersProps {
  readonly queryClient: QueryClient;
  readonly env?: "default" | "test";
  readonly children: ReactNode;
}

/** Everything pages stand on: server state, the kit in the house's theme. */
export function Providers({ queryClient, env = "default", children }: ProvidersProps) {
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={themeVariables}
        colorSchemeManager={themeChoice}
        defaultColorScheme="auto"
        getStyleNonce={cspNonce}
        withGlobalClasses={false}
        env={env}
      >
        {children}
      </MantineProvider>
    </QueryClientProvider>
  );
}
