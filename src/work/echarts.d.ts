/** One file of the package: its modules one by one take eight times as long to load. */
declare module 'echarts/dist/echarts.esm.min.mjs' {
  export { init } from 'echarts'
}
