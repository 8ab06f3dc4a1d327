// A drawing brings its own ground: as an image on a page it cannot know what the page's is.
export const STYLE = `
  svg { color-scheme: light dark; font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  text { fill: #59636e; }
  .title { fill: #1f2328; font-size: 17px; font-weight: 600; }
  .heading, .value { fill: #1f2328; font-weight: 600; }
  .grid { stroke: #d1d9e0; }
  .series { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
  .p50 { stroke-dasharray: 2 6; }
  .series.ours { stroke: #0969da; }
  .series.bare { stroke: #bc4c00; }
  .bar.ours { fill: #0969da; }
  .bar.other { fill: #8c959f; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d; }
    text { fill: #9198a1; }
    .title, .heading, .value { fill: #f0f6fc; }
    .grid { stroke: #30363d; }
    .series.ours { stroke: #4493f8; }
    .series.bare { stroke: #f0883e; }
    .bar.ours { fill: #4493f8; }
    .bar.other { fill: #656c76; }
  }`;

/** The ground of a drawing of this size. */
export function ground(width: number, height: number): string {
  return `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`;
}
