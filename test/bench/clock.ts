/** Milliseconds on a clock that all processes of a machine share and that nobody sets; of use only for differences. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
