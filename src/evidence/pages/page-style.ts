/** The one style of the pages: light, dark by the reader's setting, and for paper. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--panel:#f6f7f9;--ink:#1b1f24;--muted:#59636e;--grid:#d8dde3;--one:#1f5fb4;--two:#a35200;
--limit:#b3261e;--good:#1a6b34;--bad:#b3261e;--wait:#7a5b00;--good-bg:#eaf6ee;--bad-bg:#fdecea;--wait-bg:#fcf4dc}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1c2026;--ink:#e6e9ed;--muted:#a3adb8;--grid:#363d46;--one:#74aef5;
--two:#f0a35e;--limit:#ff8a80;--good:#7fd197;--bad:#ff8a80;--wait:#e5c15c;--good-bg:#18281e;--bad-bg:#331c1c;--wait-bg:#2c2615}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 14px}
header{padding-top:18px}
h1{font-size:1.7rem;line-height:1.2;margin:6px 0 10px}
h1 small{font-size:1.05rem;font-weight:400;color:var(--muted);white-space:nowrap}
a{color:var(--one)}
nav{display:flex;justify-content:space-between;font-size:.9rem;font-variant-numeric:tabular-nums}
nav a{text-decoration:none}
.hero{padding:10px 16px;border-radius:10px;border-left:6px solid currentColor}
.hero>*{color:var(--ink)}.hero .status{color:inherit}.hero p:first-child{font-size:1.1rem}
.hero h2{border:0;margin:8px 0 0;padding:0;font-size:1rem}
.hero.good{background:var(--good-bg)}.hero.bad{background:var(--bad-bg)}.hero.mid{background:var(--wait-bg)}
.hero .status.good{color:var(--good)}.hero .status.bad{color:var(--bad)}.hero .status.mid{color:var(--wait)}
.roles{margin:10px 0 0}.roles b{margin-right:1.2em}.roles b .muted{font-weight:400}
h2{font-size:1.1rem;margin:30px 0 8px;padding-top:10px;border-top:1px solid var(--grid)}
p{margin:6px 0}
ul{margin:6px 0;padding-left:1.2em}
.status{display:inline-block;padding:1px 10px;border:2px solid currentColor;border-radius:6px;font-weight:700}
.good{color:var(--good)}.bad{color:var(--bad)}.mid{color:var(--wait)}
.verdict{font-weight:700;white-space:nowrap}
.muted,.note{color:var(--muted)}
.note{font-size:.85rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px;margin:10px 0;align-items:start}
figure{margin:0;padding:10px;background:var(--panel);border:1px solid var(--grid);border-radius:8px;min-width:0}
figure svg{display:block;width:100%;height:auto;max-width:460px;margin:4px auto 0}
figure.across svg{max-width:none}.phone{display:none}
figure.none p{color:var(--muted)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,160px),1fr));gap:10px;margin:10px 0}
.tiles div{padding:8px 10px;background:var(--panel);border:1px solid var(--grid);border-radius:8px}
.tiles .good{background:var(--good-bg);border-left:4px solid var(--good);color:var(--ink)}
.tiles .bad{background:var(--bad-bg);border-left:4px solid var(--bad);color:var(--ink)}
.tiles b.good,.tiles b.bad{background:none;border:0}.tiles b.good{color:var(--good)}.tiles b.bad{color:var(--bad)}
.tiles dt{color:var(--muted);font-size:.85rem}
.tiles dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.tiles .n0{display:block;font-size:.8rem;color:var(--muted)}
.tiles .unknown{font-size:1rem}
.story{list-style:none;margin:10px 0;padding:0 0 0 2px}
.story li{display:grid;grid-template-columns:3.6em 7em 1fr;gap:0 10px;padding:6px 0 6px 14px;border-left:2px solid var(--grid)}
.story time{color:var(--muted);font-variant-numeric:tabular-nums}.story .who{font-weight:600}.story p{margin:0}
.steps{padding:2px 14px 6px;border:1px solid var(--grid);border-radius:8px}.steps:target{border-color:var(--one);border-width:2px}
.steps h3{margin-top:8px}.steps ul{font-size:.9rem}
details{font-size:.9rem}summary{cursor:pointer;color:var(--one)}
.wide{margin:10px 0;overflow-x:auto}
.charts .wide{margin:0}.charts table{width:100%;font-size:.8rem}.charts th,.charts td{padding-right:8px}
.charts th:last-child,.charts td:last-child{padding-right:0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
table.words{width:100%}
caption{text-align:left;color:var(--muted);font-size:.85rem;padding-bottom:4px}
th,td{text-align:left;vertical-align:top;padding:4px 18px 4px 0;border-bottom:1px solid var(--grid)}
th:last-child,td:last-child{padding-right:0}
th{font-weight:600;font-size:.82rem;color:var(--muted)}
td.n,th.n{text-align:right}
h3{font-size:1rem;margin:18px 0 4px}
code{font:.82rem/1.4 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
footer{margin-top:30px;padding-bottom:30px;color:var(--muted);font-size:.85rem}
@media (max-width:600px){main,header,footer{padding-left:10px;padding-right:10px}table{font-size:.82rem}th,td{padding-right:8px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.desk{display:none}.phone{display:block}
.story li{grid-template-columns:3.2em 1fr}.story li div{grid-column:1/-1}
table.words,table.words tbody,table.words tr,table.words td,table.words caption{display:block}table.words thead{display:none}
table.words tr{padding:6px 0;border-bottom:1px solid var(--grid)}
table.words td{border:0;padding:1px 0 1px 5.2em;text-align:left;text-indent:-5.2em;overflow-wrap:anywhere}
table.words td::before{content:attr(data-title);display:inline-block;width:5.2em;text-indent:0;color:var(--muted)}
table.words td:empty{display:none}}
@media print{:root{color-scheme:light;--paper:#fff;--panel:#fff;--ink:#000;--muted:#444;--grid:#bbb;--one:#1f5fb4;--two:#a35200;--limit:#b3261e;
--good:#1a6b34;--bad:#b3261e;--wait:#7a5b00;--good-bg:#fff;--bad-bg:#fff;--wait-bg:#fff}nav{display:none}body{font-size:10.5pt}main,header,footer{max-width:none;padding:0}
.charts{grid-template-columns:repeat(2,minmax(0,1fr))}figure,tr,.tiles div{break-inside:avoid}h2{break-after:avoid}
@page{margin:14mm}}
`
