import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const blue: MantineColorsTuple = [
  "#eef4fb",
  "#d9e6f5",
  "#b4cdea",
  "#8ab4f0",
  "#5f93d6",
  "#3c74b8",
  "#28609f",
  "#1d4e89",
  "#173f70",
  "#113057",
];

const small = { defaultProps: { size: "xs" } };

/** The kit in the house's look: one accent, borders rather than shadows, radius 4, dense controls. */
export const theme = createTheme({
  colors: { blue },
  primaryColor: "blue",
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 4,
  fontFamily: "var(--zg-sans)",
  fontFamilyMonospace: "var(--zg-mono)",
  fontSizes: { xs: "13px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "18px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  // By name and not by import, so that a component is loaded with the first page that uses it.
  components: {
    Button: { defaultProps: { size: "xs", variant: "filled" } },
    Checkbox: small,
    Input: small,
    InputWrapper: small,
    NativeSelect: small,
    PasswordInput: small,
    Radio: small,
    Switch: small,
    Textarea: small,
    TextInput: small,
    Tabs: { defaultProps: { keepMounted: false } },
  },
});

/** The kit's own variables, pointed at the tokens of `tokens.css`, so that there is one source of colour. */
export const themeVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--zg-ground)",
    "--mantine-color-text": "var(--zg-text)",
    "--mantine-color-dimmed": "var(--zg-quiet)",
    "--mantine-color-placeholder": "var(--zg-quiet)",
    "--mantine-color-error": "var(--zg-bad)",
    "--mantine-color-anchor": "var(--zg-accent)",
    "--mantine-color-default": "var(--zg-ground)",
    "--mantine-color-default-hover": "var(--zg-hover)",
    "--mantine-color-default-border": "var(--zg-edge)",
    "--mantine-color-default-color": "var(--zg-text)",
    "--mantine-color-disabled": "var(--zg-sunken)",
    "--mantine-color-disabled-color": "var(--zg-quiet)",
    "--mantine-color-disabled-border": "var(--zg-line)",
  };
  return {
    variables: {},
    light: {
      ...shared,
      "--mantine-color-gray-0": "var(--zg-sunken)",
      "--mantine-color-gray-1": "var(--zg-hover)",
      "--mantine-color-gray-2": "var(--zg-line)",
      "--mantine-color-gray-3": "var(--zg-line)",
      "--mantine-color-gray-4": "var(--zg-edge)",
    },
    dark: {
      ...shared,
      "--mantine-color-dark-4": "var(--zg-edge)",
      "--mantine-color-dark-5": "var(--zg-selected)",
      "--mantine-color-dark-6": "var(--zg-ground)",
      "--mantine-color-dark-7": "var(--zg-ground)",
      "--mantine-color-dark-8": "var(--zg-sunken)",
    },
  };
};
