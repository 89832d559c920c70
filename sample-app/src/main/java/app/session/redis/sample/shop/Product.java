package app.session.redis.sample.shop;

import java.math.BigDecimal;

/**
 * A product of the shop.
 *
 * @param id the id used in URLs, in the cart and as the name of its picture
 * @param name the display name
 * @param description a description of one line
 * @param price the unit price
 */
record Product(String id, String name, String description, BigDecimal price) {

}
