"""Every recipe of the media worker. A recipe with other results gets another name, and its jobs are done anew."""

from services.submission import film_recipe, link_recipe, picture_recipe
from shared.media.work import Recipe

#: Ranks: pictures come first, for a person waits for them; links next; films take minutes.
PICTURES, LINKS, FILMS = 0, 1, 2

RECIPES: tuple[Recipe, ...] = (
    picture_recipe.recipe(PICTURES),
    link_recipe.recipe(LINKS),
    film_recipe.recipe(FILMS),
)
