declare module 'asciichart' {
  export interface PlotConfig {
    min?: number
    max?: number
    offset?: number
    height?: number
    padding?: string
    symbols?: string[]
    format?: (value: number, index: number) => string
  }
  const asciichart: { plot(series: number[] | number[][], config?: PlotConfig): string }
  export default asciichart
}
