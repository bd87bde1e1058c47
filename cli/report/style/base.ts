/** Type, rhythm and the page's parts that are neither tables nor charts. */
export const base = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:1080px;padding:28px clamp(16px,4vw,40px) 56px;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1{margin:0 0 10px;font-size:clamp(1.5rem,1.1rem + 1.9vw,2.3rem);line-height:1.18;letter-spacing:-.018em;font-weight:680;text-wrap:balance;max-width:26em;overflow-wrap:anywhere}
h2{margin:0 0 10px;font-size:1.4rem;letter-spacing:-.012em;line-height:1.25}
h3{margin:34px 0 8px;font-size:1.06rem;line-height:1.35}
h4{margin:0 0 10px;font-size:1.04rem}
h5{margin:18px 0 6px;font-size:.86rem;font-weight:600;color:var(--soft)}
p{margin:0 0 14px;max-width:70ch}
small{font-size:.82rem}
bdi{overflow-wrap:anywhere}
em{font-style:normal;color:var(--soft)}
code,pre{font:.86em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:4px 0;padding:8px 10px;background:var(--soft-panel);border-radius:6px}
a{color:var(--blue);text-underline-offset:3px;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.quiet{color:var(--soft)}p.bad{color:var(--bad)}
.lead{color:var(--soft)}
header>.lead{font-size:1.04rem;margin-bottom:24px}
section{margin-top:56px}
.brand{display:flex;flex-wrap:wrap;align-items:center;gap:4px 9px;margin:0 0 20px;font-weight:650;letter-spacing:.01em;max-width:none}
.brand bdi{font-weight:450}
.sun{flex:none;width:20px;height:20px;border-radius:50%;background:linear-gradient(to top,var(--page) 38%,var(--orange) 38%);box-shadow:inset 0 0 0 1.5px var(--orange)}
nav{display:flex;flex-wrap:wrap;gap:4px 22px;margin-top:22px;font-size:.94rem}
nav a{text-decoration:none;padding:4px 0}nav a:hover{text-decoration:underline}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;background:var(--line);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.tile{background:var(--panel);padding:15px 16px 13px;display:flex;flex-direction:column}
.tile b{font-size:1.62rem;line-height:1.2;letter-spacing:-.02em;font-weight:660}
.tile span{font-size:.92rem}
.tile small{color:var(--soft);line-height:1.35;margin-top:3px}
.tile.good small{color:var(--good)}.tile.bad small,.tile.bad b{color:var(--bad)}
.badge{display:inline-block;padding:1px 9px;border-radius:99px;font-size:.8rem;font-weight:600;line-height:1.5;white-space:nowrap;letter-spacing:0}
.badge.good{background:var(--good-panel);color:var(--good)}.badge.bad{background:var(--bad-panel);color:var(--bad)}
.badge.warn{background:var(--warn-panel);color:var(--warn)}.badge.blue{background:var(--blue-panel);color:var(--blue)}
.badge.soft{background:var(--soft-panel);color:var(--soft)}
.story{list-style:none;margin:4px 0 0;padding:0}
.story li{position:relative;display:grid;grid-template-columns:13.5em 1fr;gap:0 20px;padding:0 0 18px 26px}
.story li::before{content:"";position:absolute;left:0;top:5px;width:13px;height:13px;border-radius:50%;background:var(--page);border:3px solid var(--axis);z-index:1}
.story li:not(:last-child)::after{content:"";position:absolute;left:6px;top:12px;bottom:-6px;width:1px;background:var(--axis)}
.story li.good::before{border-color:var(--good)}.story li.bad::before{border-color:var(--bad)}
.story li.warn::before{border-color:var(--orange)}.story li.blue::before{border-color:var(--blue)}
.story .when{color:var(--soft);font-size:.94rem}
.story p{margin:1px 0 0;font-size:.94rem;color:var(--soft);overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:16px;margin-top:12px;align-items:start}
.card{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
.card h4 .badge{margin-left:6px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;font-size:.92rem}
dt{color:var(--soft);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere}
dl.lineage{font-size:.82rem;margin-top:8px;grid-template-columns:minmax(7em,max-content) minmax(0,1fr)}
dl.environment{grid-template-columns:minmax(9em,15em) 1fr;gap:10px 24px;max-width:62em}
dl.environment dt{color:var(--ink);font-weight:600}
.verdict{list-style:none;margin:0;padding:0;font-size:.92rem}
.verdict li{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;padding:2px 0 2px 22px;position:relative}
.verdict li>*{min-width:0;max-width:100%;overflow-wrap:anywhere}.verdict li>span:not(.unseen){flex:1 1 9em}
.verdict li::before{content:"✓";content:"✓"/"";position:absolute;left:0;color:var(--good);font-weight:700}
.verdict li.broken::before{content:"✗";content:"✗"/"";color:var(--bad)}.verdict li.broken b{color:var(--bad)}
.verdict small{color:var(--soft)}
details{margin-top:14px}
summary{cursor:pointer;color:var(--blue);font-size:.94rem;padding:3px 0;width:fit-content}
.warning{margin:8px 0 0;font-size:.92rem;color:var(--warn)}
.plain{margin:0;padding-left:1.2em}
.warnings{margin:0 0 24px;padding:14px 18px;background:var(--warn-panel);border-left:4px solid var(--orange);border-radius:0 10px 10px 0}
.warnings h2{font-size:1.02rem;margin:0 0 6px;color:var(--warn)}
.warnings ul{margin:0;padding-left:1.2em}
.alerts{list-style:none;margin:0;padding:0;display:grid;gap:10px;grid-template-columns:minmax(0,1fr)}
.alerts li{border-left:3px solid var(--orange);background:var(--panel);border-radius:0 9px 9px 0;padding:10px 16px;font-size:.92rem;display:grid;gap:2px 16px;grid-template-columns:max-content minmax(0,1fr)}
.alerts time{color:var(--soft)}.alerts b.title{display:block}
.alerts b.title{overflow-wrap:anywhere}.alerts p{margin:0;max-width:none;color:var(--soft);overflow-wrap:anywhere}
.alerts .fact{display:inline-block;margin-right:20px}.alerts .fact bdi{color:var(--ink)}
footer{margin-top:60px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
@media (max-width:900px){.tiles{grid-template-columns:repeat(3,1fr)}}
@media (max-width:560px){
body{font-size:15px;padding-top:20px}section{margin-top:46px}
.tile b{font-size:1.4rem}.tiles{grid-template-columns:1fr 1fr}
.story li{grid-template-columns:1fr;padding-bottom:16px}
.alerts li{grid-template-columns:minmax(0,1fr)}
dl.environment{grid-template-columns:1fr;gap:2px}dl.environment dd{margin-bottom:10px}
}
`;
