import { useQuery } from "@tanstack/react-query";
import { Notice, pageOf, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { to } from "../lib/console-paths.js";
import { polling } from "../lib/query-client.js";
import { useFormats } from "../lib/use-formats.js";
import { AppLink } from "../ui/app-link.js";
import { Glyph } from "../ui/glyph.js";

/** The way to the inbox, with how many notices wait for a word. */
export function InboxLink() {
  const { t } = useTranslation("shell");
  const formats = useFormats();
  const query = { "filter[open]": "true", include: "total", limit: 1 } as const;
  const read = useQuery({
    queryKey: [paths.notices(), query],
    queryFn: ({ signal }) => api.get(paths.notices(), pageOf(Notice), { signal, query }),
    ...polling,
  });
  const open = read.data?.total ?? 0;
  return (
    <AppLink to={to.inbox()} className="zg-icon-button" aria-label={t("inbox", { count: open })} title={t("inbox", { count: open })}>
      <Glyph name="mail" />
      {open > 0 && <span>{formats.number(open)}</span>}
    </AppLink>
  );
}
