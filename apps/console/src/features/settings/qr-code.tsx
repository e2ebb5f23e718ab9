import { encode } from "uqr";

/** A QR code, dark on light in either theme, since not every camera reads the reverse. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, data } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width="184"
      height="184"
      className="zg-qr"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} className="zg-qr-light" />
      <path d={path} className="zg-qr-dark" />
    </svg>
  );
}
