/** Figures as people read them, the same everywhere. */

/** A share of one with so many decimals: 0.9512 is `95.1 %`. */
export function percent(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`
}

/** A share of one without zeros that say nothing: 0.05 is `5 %`, 0.9512 is `95.12 %`. */
export function shortPercent(share: number, decimals = 2): string {
  return `${Number((share * 100).toFixed(decimals))} %`
}

/** A difference, of which the sign is what matters: `+0.0123`, `-0.0004`. */
export function signed(value: number, decimals = 4): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(decimals)}`
}

/** A whole number with its thousands apart: `10,075`. */
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
}
