import { TextInput, type TextInputProps } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

/** The second step after a password: it comes when the password was right, and takes the focus. */
export function CodeField(props: TextInputProps) {
  const { t } = useTranslation("login");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <>
      <p role="status">{t("codeLead")}</p>
      <TextInput ref={input} label={t("code")} autoComplete="one-time-code" {...props} />
    </>
  );
}
