// The market's pages: fetch what there is as JSON and build it as schema.org microdata. Nothing is in the HTML before.
"use strict";

const root = document.getElementById("market");

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  for (const child of children) if (child) node.append(child);
  return node;
}

function meta(property, content) {
  return content === null || content === undefined ? null : make("meta", { itemprop: property, content });
}

function schema(property, value) {
  return make("link", { itemprop: property, href: "https://schema.org/" + value });
}

function scope(tag, type, property, ...children) {
  const node = make(tag, { itemscope: "", itemtype: "https://schema.org/" + type }, ...children);
  if (property) node.setAttribute("itemprop", property);
  return node;
}

function offer(item, alone) {
  const price = alone
    ? [meta("price", item.price), make("span", { class: "price" }, item.shown)]
    : [make("span", { class: "price", itemprop: "price" }, item.shown)];
  const address = scope("span", "PostalAddress", "address",
    make("span", { itemprop: "addressLocality" }, item.address.addressLocality), ", ",
    make("span", { itemprop: "addressRegion" }, item.address.addressRegion),
    meta("addressCountry", item.address.addressCountry));
  return scope("div", "Offer", "offers", ...price,
    meta("priceCurrency", item.currency),
    schema("itemCondition", item.condition),
    schema("availability", item.availability),
    " ", scope("span", "Place", "availableAtOrFrom", address),
    " ", scope("span", "Person", "seller", "by ", make("span", { itemprop: "name" }, item.seller)));
}

function product(item, alone) {
  const name = make("span", { itemprop: "name" }, item.title);
  const title = alone ? make("h1", {}, name) : make("h2", {}, make("a", { itemprop: "url", href: item.url }, name));
  const brand = item.brand ? scope("span", "Brand", "brand", meta("name", item.brand)) : null;
  return scope("article", "Product", "", title,
    alone ? meta("url", item.url) : null,
    meta("productID", "item:" + item.id), meta("category", item.category), brand,
    meta("model", item.model), meta("gtin13", item.gtin),
    make("p", { itemprop: "description" }, item.description),
    offer(item, alone));
}

async function list(number) {
  const found = await (await fetch("/api/items?page=" + number)).json();
  root.append(make("h1", {}, "On the market today: " + found.total));
  for (const item of found.items) root.append(product(item, false));
  const nav = make("nav", {});
  if (found.page > 1) nav.append(make("a", { rel: "prev", href: "/browse?page=" + (found.page - 1) }, "previous"));
  if (found.next) nav.append(make("a", { rel: "next", class: "next", href: "/browse?page=" + found.next }, "next"));
  root.append(nav);
}

async function one(number) {
  const answer = await fetch("/api/items/" + number);
  root.append(answer.ok ? product(await answer.json(), true) : make("p", {}, "No such item."));
}

async function show() {
  const item = location.pathname.match(/^\/item\/(\d+)$/);
  const number = Number(new URLSearchParams(location.search).get("page")) || 1;
  await (item ? one(item[1]) : list(number));
  document.documentElement.dataset.ready = "yes";
}

show().catch((error) => root.append(make("p", { role: "alert" }, "The market could not be loaded: " + error.message)));
