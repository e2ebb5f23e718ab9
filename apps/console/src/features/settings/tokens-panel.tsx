import { paths, Token } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";
import { TokenList } from "../../ui/token-list.js";

/** Personal tokens for other clients. */
export function TokensPanel() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const place = { item: Token, list: paths.tokens(), one: paths.token, rotation: paths.tokenRotation, beside: [], offered: me.scopes };
  return <TokenList<Token> title={t("token.title")} empty={t("token.empty")} place={place} />;
}
