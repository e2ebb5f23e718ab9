import { PasswordInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";

interface CurrentPasswordProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly takesFocus?: boolean;
}

/** Proof that it is the account's owner who asks: the password, or for who has none a sign-in of a few minutes ago. */
export function CurrentPassword({ value, onChange, takesFocus = false }: CurrentPasswordProps) {
  const { t } = useTranslation(["settings", "login"]);
  const me = useMe();
  if (!me.hasPassword) return <p className="zg-quiet">{t("settings:noPassword.instead")}</p>;
  return (
    <PasswordInput
      label={t("settings:factor.password")}
      autoComplete="current-password"
      value={value}
      visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus={takesFocus || undefined}
    />
  );
}

/** What is sent of it; nothing where there is none. */
export const passwordProof = (password: string): { readonly currentPassword?: string } =>
  password === "" ? {} : { currentPassword: password };
