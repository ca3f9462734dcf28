// Run in a page: text whose contrast with what is behind it is less than WCAG's AA asks for, fields without a label,
// whether the page has to be moved sideways, and what a screen reader needs to begin with. A list of what is wrong.
const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
	.map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
	.reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const numbers = colour => colour.match(/[\d.]+/g).map(Number);
const behind = element => {
	const colour = numbers(getComputedStyle(element).backgroundColor);
	return colour.length < 4 || colour[3] > 0 ? colour : behind(element.parentElement);
};
const found = [];
for (const element of document.body.querySelectorAll("*")) {
	const words = [...element.childNodes].filter(n => n.nodeType === 3 && n.data.trim()).map(n => n.data.trim());
	if (!words.length) continue;
	const [one, other] = [numbers(getComputedStyle(element).color), behind(element)].map(light).sort((a, b) => b - a);
	const contrast = (one + .05) / (other + .05);
	if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(2)}: ${words[0]}`);
}
for (const field of document.querySelectorAll("input:not([type=hidden])"))
	if (!field.labels.length) found.push(`no label: ${field.name}`);
if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
if (document.querySelectorAll("main h1").length !== 1 || !document.documentElement.lang) found.push("no h1 or lang");
return found;
