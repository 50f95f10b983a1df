/** The report's style sheet. Themes are a matter of variables; a switch without a script sets them through `:has()`. */
import { dark, declarations, light } from "./palette.ts";

/** Pictures are there twice, for pages wider and narrower than this; px. */
export const breakPx = 640;

export const styleSheet = `
:root{color-scheme:light;${declarations(light)}}
@media (prefers-color-scheme:dark){:root:not(:has(#theme-light:checked)){color-scheme:dark;${declarations(dark)}}}
:root:has(#theme-dark:checked){color-scheme:dark;${declarations(dark)}}
@media print{:root,:root:not(:has(#theme-light:checked)),:root:has(#theme-dark:checked){color-scheme:light;${declarations(light)}}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;padding:1rem;max-width:57rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.75rem;line-height:1.2;margin:.25rem 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.25;margin:2.5rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p,ul,dl{margin:.5rem 0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{position:fixed;left:.5rem;top:.5rem;padding:.5rem .75rem;background:var(--page);border:1px solid var(--line);z-index:1}
.muted,figcaption span,.legend,caption{color:var(--muted)}
.top{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;justify-content:space-between;align-items:flex-start}
.top>div{flex:1 1 18rem;min-width:0}
fieldset{border:1px solid var(--line);border-radius:.4rem;padding:.1rem .6rem .3rem;margin:0;font-size:.85rem}
fieldset label{margin-right:.7rem;white-space:nowrap}
legend{padding:0 .25rem;color:var(--muted)}
dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem;margin:1rem 0}
dl.facts dt{color:var(--muted)}
dl.facts dd{margin:0;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none;font-size:.95rem}
.alert{background:var(--alertPage);color:var(--alertInk);border-left:.3rem solid var(--alertInk);padding:.1rem 1rem;margin:1rem 0;border-radius:.25rem;overflow-wrap:anywhere}
.alert h2{border:0;margin:.6rem 0 .3rem;padding:0}
.scroll{overflow-x:auto;margin:.5rem 0;max-width:100%}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.25rem 0;font-size:.875rem}
th,td{padding:.2rem .6rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600}
tbody th{font-weight:500}
th.text,td.text{text-align:left}
td.long{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
tr.group>*{border-top:2px solid var(--muted)}
td.fault{color:var(--alertInk);font-weight:700}
figure{margin:1.5rem 0 2rem}
figcaption{margin-bottom:.5rem}
figcaption strong{display:block}
figure svg{max-width:100%;height:auto;display:block;overflow:visible}
.narrow{display:none}
@media (max-width:${breakPx}px){.wide{display:none}.narrow{display:block}}
@media print{.wide{display:block}.narrow{display:none}}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin:.25rem 0 .5rem;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.swatch{width:.8rem;height:.8rem;border-radius:.15rem;flex:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link);width:max-content;max-width:100%}
pre{background:var(--panel);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;overflow-x:auto;font:.85rem/1.45 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
pre.copy{user-select:all;-webkit-user-select:all}
code{font:.9em ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.notes li{overflow-wrap:anywhere;margin:.25rem 0}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--muted);font-size:.875rem}
@media print{body{max-width:none;padding:0;font-size:10pt}.theme,nav,.skip{display:none}h2{break-after:avoid}figure,.alert{break-inside:avoid}
.scroll{overflow:visible}table{font-size:7.5pt}th,td{padding:.1rem .3rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}a{color:inherit}}
`;
