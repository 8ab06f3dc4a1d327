import { html, type SafeHtml } from "@remix-run/html-template";
import type { DeliveryKind } from "../../activity.ts";

// Kinds differ by pattern as well as by colour. The colours are in style.css; a pattern has to be named in the drawing.
const PATTERNS: Readonly<Partial<Record<DeliveryKind, string>>> = {
  duplicate: "M-1,1l2,-2M0,5l5,-5M4,6l2,-2",
  refused: "M0,0l5,5M5,0l-5,5",
};

/** To be drawn with; for others the style alone decides. */
export function fillOf(kind: DeliveryKind): string {
  return kind in PATTERNS ? `url(#kind-${kind})` : "currentColor";
}

/** Has to stand on the page once, not hidden, for the drawings that are filled with the patterns. */
export const PATTERN_DEFINITIONS = html`
<svg class="unseen" aria-hidden="true"><defs>${Object.entries(PATTERNS).map(
  ([kind, lines]) => html`
<pattern id="kind-${kind}" class="${kind}" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5"/><path d="${lines}"/></pattern>`,
)}
</defs></svg>`;

/** A small example of a kind, for the legend. */
export function swatchOf(kind: DeliveryKind): SafeHtml {
  return swatch(html`<rect class="bar ${kind}" fill="${fillOf(kind)}" x="1" y="1" width="14" height="14"/>`);
}

/** A small example of what is drawn, 16 by 16. */
export function swatch(content: SafeHtml): SafeHtml {
  return html`<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">${content}</svg>`;
}
